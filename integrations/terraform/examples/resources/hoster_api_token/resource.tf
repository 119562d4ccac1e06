resource "hoster_api_token" "robot" {
  name        = "dns robot"
  scopes      = ["dns:read", "dns:write"]
  expires_at  = "2030-12-31T23:59:59Z"
  secret_file = "/var/lib/robot/token"

  # A new token is made and stored before the old one is revoked.
  lifecycle {
    create_before_destroy = true
  }
}
