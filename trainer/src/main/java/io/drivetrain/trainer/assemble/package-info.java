/**
 * Curated samples of the split topics come in and are appended to memory-mapped shards; stores of samples in canonical
 * order go out. Records that cannot be decoded or have another size are skipped, counted and logged; a disk that is full
 * or a shard that cannot be read ends in a {@code ShardException} with one sentence.
 */
package io.drivetrain.trainer.assemble;
