terraform import hoster_contact.owner 'con_5f0c2a91'
terraform import hoster_contact.owner 'ada@example.com'
