data "hoster_orders" "pending" {
  status = "pending"
}
