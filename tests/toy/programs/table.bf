Prints the multiplication table

+++++++++                                    nine rows
[                                            each row
  >+                                         its number
  >+++++++++                                 nine columns
  [                                          each column
    <[>>+>>>>+<<<<<<-]                       copy the number of the row
    >>>>>>[<<<<<<+>>>>>>-]                   and restore it
    <<<<[                                    add it by counting
      >>+                                    one more
      [>+>+<<-]                              copy the ones
      >>[<<+>>-]                             and restore them
      >+<<----------                         is it ten
      [[-]>>-<<]                             no
      >>[                                    yes
        <<<----------<+                      carry
      >>>>-]                                 once
    <<<<<-]                                  counted
    >[>>+>+<<<-]                             are there tens
    >>>[<<<+>>>-]                            restore them
    <[                                       show the tens
      [-]                                    once
      <<[>>>>>+<<+<<<-]                      copy the tens
      >>>[<<<+>>>-]                          and restore them
      >>++++++++++++++++++++++++++++++++++++++++++++++++.[-] write the digit
    <<<]                                     done
    <[>>>>+<<+<<-]                           copy the ones
    >>[<<+>>-]                               and restore them
    >>++++++++++++++++++++++++++++++++++++++++++++++++.[-] write the digit
    ++++++++++++++++++++++++++++++++.[-]     a space
  <<<<<<<-]                                  next column
  >>[-]>[-]                                  start again at zero
  >>>>++++++++++.[-]                         end the line
<<<<<<<<<-]                                  next row
