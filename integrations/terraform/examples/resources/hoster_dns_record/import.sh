terraform import hoster_dns_record.www 'example.com/www/A/192.0.2.1'
terraform import hoster_dns_record.www 'example.com/@/MX/10 mail.example.com'
