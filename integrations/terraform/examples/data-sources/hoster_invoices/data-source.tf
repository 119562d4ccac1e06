data "hoster_invoices" "unpaid" {
  status = "unpaid"
}

output "to_pay" {
  value = data.hoster_invoices.unpaid.invoices[*].payment_url
}
