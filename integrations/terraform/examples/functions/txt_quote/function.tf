output "result" {
  value = provider::hoster::txt_quote("v=spf1 mx -all") # in quotes
}
