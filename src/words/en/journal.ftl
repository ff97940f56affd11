# Why a journal cannot be used.
journal-exists = The journal { $path } exists: resume it with --resume, or name another file.
journal-unwritten = Could not write the journal { $path } ({ $why }): nothing was sent. Check the disk, or name another file.
journal-unread = Could not read the journal { $path } ({ $why }): nothing was sent. Check the disk, or name another file.
journal-missing = No journal { $path }: a redrive that ended before it sent anything has none. Start it again without --resume.
journal-in-use = The journal { $path } is in use by another pitagora: wait until it has finished.
journal-unusable = The journal { $path } cannot be used: { $why }.
