output "result" {
  value = provider::hoster::canonical_domain("Bücher.example") # "xn--bcher-kva.example"
}
