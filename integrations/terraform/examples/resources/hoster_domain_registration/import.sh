terraform import hoster_domain_registration.new 'example.com'
