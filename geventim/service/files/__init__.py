"""Files that clients have sealed: ``blobs`` answers requests, ``sweeping`` lets old ones go."""
