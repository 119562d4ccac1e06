output "result" {
  value = provider::hoster::txt_unquote("\"v=spf1 \" \"mx -all\"") # "v=spf1 mx -all"
}
