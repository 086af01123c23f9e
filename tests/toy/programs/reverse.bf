Writes its input backwards

>,[>,]    read everything into cells of its own behind an empty one
<[.<]     and write it from the last to the first
