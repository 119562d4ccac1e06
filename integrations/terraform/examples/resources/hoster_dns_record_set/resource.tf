resource "hoster_dns_record_set" "mx" {
  domain = "example.com"
  name   = "@"
  type   = "MX"
  values = ["10 mail1.example.com", "20 mail2.example.com"]
  ttl    = 3600
}
