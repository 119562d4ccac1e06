output "result" {
  value = provider::hoster::fqdn("www", "example.com") # "www.example.com"
}
