Turns every letter of the input into the one 13 letters away

,                                            the first character
[                                            until there are none
  [>+>+>+>+>+<<<<<-]                         five copies
  >>----------------------------------------------------------------- distance from upper case A
  >------------------------------------------------------------------------------ from upper case N
  >------------------------------------------------------------------------------------------------- from lower case A
  >-------------------------------------------------------------------------------------------------------------- from lower case N
  >+++++++++++++                             thirteen letters from each
  [                                          each
    <<<<[>>>>>+>+<<<<<<-]                    copy the distance
    >>>>>>[<<<<<<+>>>>>>-]                   and restore it
    >+<<[[-]>>-<<]                           is it zero
    >>[<<<<<<<<+++++++++++++>>>>>>>>-]       yes: a letter of the first half of upper case
    <<<<<<<-                                 the next letter
    >[>>>>+>+<<<<<-]                         copy the distance
    >>>>>[<<<<<+>>>>>-]                      and restore it
    >+<<[[-]>>-<<]                           is it zero
    >>[<<<<<<<<------------->>>>>>>>-]       yes: a letter of the second half of upper case
    <<<<<<-                                  the next letter
    >[>>>+>+<<<<-]                           copy the distance
    >>>>[<<<<+>>>>-]                         and restore it
    >+<<[[-]>>-<<]                           is it zero
    >>[<<<<<<<<+++++++++++++>>>>>>>>-]       yes: a letter of the first half of lower case
    <<<<<-                                   the next letter
    >[>>+>+<<<-]                             copy the distance
    >>>[<<<+>>>-]                            and restore it
    >+<<[[-]>>-<<]                           is it zero
    >>[<<<<<<<<------------->>>>>>>>-]       yes: a letter of the second half of lower case
    <<<<-                                    the next letter
  >-]                                        next
  <<<<<.[-]                                  write it
  >[-]>[-]>[-]>[-]                           forget the distances
  <<<<<,                                     the next character
]                                            until the input ends
