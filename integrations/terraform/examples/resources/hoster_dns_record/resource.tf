resource "hoster_dns_record" "www" {
  domain = "example.com"
  name   = "www"
  type   = "A"
  value  = "192.0.2.1"
  ttl    = 300
}

resource "hoster_dns_record" "mail" {
  domain   = "example.com"
  name     = "@"
  type     = "MX"
  value    = "mail.example.com"
  priority = 10
}

resource "hoster_dns_record" "spf" {
  domain = "example.com"
  name   = "@"
  type   = "TXT"
  value  = "v=spf1 mx -all"
}
