Copies its input

,[        read a character until there is none
  .[-],   write it and forget it before the next
]
