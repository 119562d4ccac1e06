terraform import hoster_hosting.site 'svc_5f0c2a91'
terraform import hoster_hosting.site 'example.com'
