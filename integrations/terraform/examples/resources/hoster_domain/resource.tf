resource "hoster_domain" "example" {
  domain        = "example.com"
  auto_renew    = true
  locked        = true
  whois_privacy = true
  nameservers   = ["ns1.example.net", "ns2.example.net"]
}
