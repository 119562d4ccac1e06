data "hoster_dns_records" "mail" {
  domain = "example.com"
  type   = "MX"
}
