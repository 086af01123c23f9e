Prints the squares of the numbers from 1 to 15

+++++++++++++++                              fifteen squares
>+                                           the difference to the next square
<[                                           each
  >[>+>>>>>+<<<<<<-]                         copy the difference
  >>>>>>[<<<<<<+>>>>>>-]                     and restore it
  <<<<<[                                     add it by counting
    >>>+                                     one more
    [>+>+<<-]                                copy the ones
    >>[<<+>>-]                               and restore them
    >+<<----------                           is it ten
    [[-]>>-<<]                               no
    >>[                                      yes
      <<<----------<+                        carry
      [>>+>+<<<-]                            copy the tens
      >>>[<<<+>>>-]                          and restore them
      >>+<<<----------                       is it ten
      [[-]>>>-<<<]                           no
      >>>[                                   yes
        <<<<<----------<+                    carry
      >>>>>>-]                               once
    <-]                                      once
  <<<<<<-]                                   counted
  <++                                        the next odd number
  >>[>>>+>+<<<<-]                            are there hundreds
  >>>>[<<<<+>>>>-]                           restore them
  <[                                         there are
    [-]                                      once
    >>>>+                                    tens are shown even if zero
    <<<<<<<[>>>>>>+<<+<<<<-]                 copy the hundreds
    >>>>[<<<<+>>>>-]                         and restore them
    >>++++++++++++++++++++++++++++++++++++++++++++++++.[-] write the digit
  <<<]                                       done
  <<[>>+>+<<<-]                              are there tens
  >>>[<<<+>>>-]                              restore them
  >>>[<<<<+>>>>-]                            or a digit before them
  <<<<[                                      show the tens
    [-]                                      once
    <<[>>>>>+<<+<<<-]                        copy the tens
    >>>[<<<+>>>-]                            and restore them
    >>++++++++++++++++++++++++++++++++++++++++++++++++.[-] write the digit
  <<<]                                       done
  <[>>>>+<<+<<-]                             copy the ones
  >>[<<+>>-]                                 and restore them
  >>++++++++++++++++++++++++++++++++++++++++++++++++.[-] write the digit
  ++++++++++.[-]                             end the line
<<<<<<<<<-]                                  next square
