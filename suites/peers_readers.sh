# Sourced by peers_by_hand.sh: what servers that only read are expected to answer, by id.

caddy() {
  expect GEN-05 200
  expect GEN-13 431
  expect GEN-16 '200 200'
  expect GEN-38 200
  expect GET-12 206
  expect COND-13 '200; 412'
  expect RNG-03 416
  expect RNG-08 206
  expect RNG-12 '206; 416'
  expect CON-01 200
  expect PUT-23 '200; yes'
  expect GEN-06 '400; without'
  expect GEN-02 200
  expect FRM-12 400
  expect FRM-18 '200 200; 200 200'
  expect OPT-01 '200; '
  expect QRY-23 '200; yes'
  expect CON-16 '308 200'
  expect CON-17 308
  expect GET-19 '404; 431; ; 0'
}

h2o() {
  expect GEN-08 '304; 200'
  expect GEN-09 200
  expect GEN-10 '200; 200'
  expect GEN-11 '404; 404'
  expect GEN-16 '200 200'
  expect GEN-18 200
  expect FRM-05 '400; 400; 200 200; 400'
  expect GET-12 206
  expect COND-04 '304; 200'
  expect COND-08 206
  expect COND-10 '304; 200'
  expect COND-12 200
  expect COND-14 '304; 200'
  expect COND-26 '206; 206'
  expect COND-27 416
  expect RNG-03 416
  expect RNG-12 '206; 416'
  expect GEN-06 '400; without'
  expect GEN-19 400
  expect FRM-18 '200 200; 200 200'
  expect GEN-02 405
  expect RNG-20 '206; 2????'
  expect CON-16 '404 200'
  expect SEC-04 'h2o/2.*'
  expect GET-19 '404; 403; ; 0'
}

rclone-http() {
  expect GEN-13 431
  expect GEN-16 '200 200'
  expect GEN-38 200
  expect RNG-03 416
  expect RNG-08 206
  expect RNG-12 '206; 416'
  expect GEN-04 '405; '
  expect GEN-06 '400; without'
  expect GEN-39 '36; 18'
  expect FRM-12 400
  expect FRM-18 '200 200; 200 200'
  expect GEN-02 405
  expect CON-16 '405 200'
  expect SEC-04 'rclone/*'
  expect GET-19 '404; 431; ; 0'
}

python-http() {
  expect GEN-09 200
  expect GEN-10 '200; 200'
  expect GEN-11 '404; 404'
  expect GEN-14 200
  expect GEN-17 200
  expect GEN-18 200
  expect FRM-04 200
  expect FRM-07 200
  expect COND-12 200
  expect COND-15 '200; 304'
  expect SEC-05 '301; /\\other.invalid/../'
  expect GEN-19 200
  expect FRM-12 ''
  expect RNG-01 200
  expect SEC-04 'SimpleHTTP/*'
  expect GET-19 '404; 414; ; 0'
}

http-server() {
  expect GEN-10 '200; 200'
  expect GEN-13 431
  expect GEN-38 200
  expect GET-12 206
  expect COND-04 '304; 200'
  expect COND-12 200
  expect COND-14 '304; 200'
  expect COND-26 '206; *'
  expect COND-27 416
  expect RNG-03 416
  expect RNG-07 416
  expect RNG-23 '304; 206'
  expect GEN-04 '405; '
  expect GEN-06 '400; without'
  expect GEN-19 200
  expect FRM-18 '200 200; 200 200'
  expect RNG-10 '416; '
  expect GEN-02 400
  expect RNG-19 '206; 012345'
  expect GET-19 '404; 431; ; 0'
}

serve() {
  expect GEN-10 '200; 200'
  expect GEN-13 431
  expect GEN-38 200
  expect GET-12 206
  expect COND-04 '304; 200'
  expect COND-08 206
  expect COND-10 '304; 200'
  expect COND-12 200
  expect COND-14 '304; 200'
  expect COND-21 'there; '
  expect COND-26 '206; *'
  expect COND-27 416
  expect RNG-03 416
  expect RNG-07 416
  expect RNG-23 '304; 206'
  expect PUT-23 '200; yes'
  expect GEN-06 '400; without'
  expect GEN-19 200
  expect FRM-18 '200 200; 200 200'
  expect OPT-01 '200; '
  expect QRY-23 '200; yes'
  expect GEN-02 400
  expect RNG-19 '206; 012345'
  expect GET-19 '404; 431; ; 0'
}

dufs() {
  expect GEN-09 200
  expect GEN-10 '200; 200'
  expect GEN-38 200
  expect GET-12 206
  expect COND-05 '200; 412'
  expect COND-07 '200; 304'
  expect COND-21 'there; '
  expect COND-26 '200; 206'
  expect RNG-07 416
  expect RNG-12 '206; 416'
  expect OPT-09 '*2*; 0'
  expect GEN-04 '405; '
  expect GEN-19 200
  expect FRM-18 '200 200; 200 200'
  expect OPT-11 '1; '
  expect GEN-02 405
  expect CON-16 '405 200'
  expect GET-19 '404; 414; ; 0'
}

miniserve() {
  expect GEN-09 200
  expect GEN-10 '200; *'
  expect GEN-13 4??
  expect GEN-16 '200 200'
  expect GEN-38 200
  expect FRM-03 '404 400'
  expect GET-12 206
  expect COND-05 '200; 412'
  expect COND-08 206
  expect COND-26 '206; 206'
  expect COND-27 416
  expect RNG-03 416
  expect RNG-12 '20?; 416'
  expect SEC-05 '307; /\\other.invalid/../'
  expect GEN-19 400
  expect FRM-18 '200 200; 200 200'
  expect COND-22 '304; text/plain*'
  expect GEN-02 404
  expect RNG-19 '206; 012345'
  expect GET-19 '404; 4??; ; 0'
}

static-web-server() {
  expect GEN-09 200
  expect GEN-10 '200; 200'
  expect GEN-16 '200 200'
  expect GEN-38 200
  expect GET-12 206
  expect COND-07 '200; 304'
  expect COND-12 200
  expect RNG-12 '20?; 416'
  expect GEN-04 '405; '
  expect GEN-19 200
  expect FRM-18 '200 200; 200 200'
  expect OPT-03 '404; 204'
  expect GEN-02 405
  expect RNG-19 '206; 012345'
  expect CON-16 '405 200'
  expect GET-19 '404; 414; no-cache; 0'
}
