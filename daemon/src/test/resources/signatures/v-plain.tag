object 44d41f5013675c81f431d4255deeeedea8ffcab0
type commit
tag v-plain
tagger Signer <signer@example.com> 1772452800 +0000

plain tag
