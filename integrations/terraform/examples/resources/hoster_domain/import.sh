terraform import hoster_domain.example 'example.com'
