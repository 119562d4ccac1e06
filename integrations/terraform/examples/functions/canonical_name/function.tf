output "result" {
  value = provider::hoster::canonical_name("WWW.example.com.", "example.com") # "www"
}
