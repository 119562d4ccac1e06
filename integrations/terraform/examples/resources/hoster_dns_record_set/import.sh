terraform import hoster_dns_record_set.mx 'example.com/@/MX'
