Greets the world

++++++++[                      eight times
  >+++++++++                   nine
  >+++++++++++++               thirteen
  >++++                        four
<<<-]                          make 72 and 104 and 32
>.                             H
>---.+++++++..+++.             ello
>++++++++++++.------------.    a comma and a space
<++++++++.--------.+++.        wor
------.--------.               ld
>+.                            an exclamation mark
-----------------------.       and the end of the line
