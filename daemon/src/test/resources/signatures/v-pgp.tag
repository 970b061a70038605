object ebdd1dc65f01e7fd45f60ff4f0330c3e81614af3
type commit
tag v-pgp
tagger Signer <signer@example.com> 1772452800 +0000

tag signed by OpenPGP

with a longer message
-----BEGIN PGP SIGNATURE-----

iQFEBAABCgAuFiEEV23TMHXF15AmiGzGnG835DTSoFwFAmmle8AQHHJzYUBleGFt
cGxlLmNvbQAKCRCcbzfkNNKgXO1PB/9SMHIp3eE/ZZP7LLNjb6uRYAjzPN9hzobv
z0BWMjkod2EZE7ddgNd/rXw/NT3l/U3AL4u0f+F0RuiiRbuhChOLtUPHAXUcQY2L
dtD2M/QurrzIkqEeRlG4a+IjTeajuwyR6qnLXBnhHQiTYe+wsrj66xmptqJNff8C
fm3P6Ujzfj7OsqsPPn/lbCUQEN9+zekwPH3MViSyuvUGKYrisDiRF5RfgxLfJdQ2
S1D7JdrAnlI2hE9Uii/6J/A187jg2X1gc45LLQRWtOUqkCjxvi2KVjL1f6eBlxBk
0mosHdSbGtHcaJZT0AjCXvNow2bmf7cyDKzi/BAfe72yAK2q6Ssq
=23Uz
-----END PGP SIGNATURE-----
