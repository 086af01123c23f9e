module vm3interop

go 1.22
