terraform import hoster_api_token.robot 'tok_5f0c2a91'
