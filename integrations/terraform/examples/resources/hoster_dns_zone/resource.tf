resource "hoster_dns_zone" "example" {
  domain = "example.com"
  records = [
    { name = "@", type = "A", value = "192.0.2.1" },
    { name = "@", type = "MX", value = "10 mail.example.com" },
    { name = "www", type = "CNAME", value = "example.com", ttl = 300 },
  ]
  max_delete_share = 0.2
}
