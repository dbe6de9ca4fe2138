SELECT $a$x$a$, E'\'', U&"d", a::int, b[1:2] /* /* */ */, 'a'
'b' <-> $1 -- end