/**
 * Finds and lists what there is: image files, label files, folders. Comes out a stream of samples; an entry that cannot
 * become one is reported with its file and place, and the rest is read.
 */
package io.drivetrain.ingest.collect;
