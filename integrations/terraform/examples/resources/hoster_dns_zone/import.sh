terraform import hoster_dns_zone.example 'example.com'
