package io.drivetrain.pipeline.route;

/**
 * One header of a Kafka record.
 *
 * @param value may be null
 */
@SuppressWarnings("ArrayRecordComponent") // Headers are carried, never compared.
public record Header(String name, byte[] value) {}
