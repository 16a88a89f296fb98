/**
 * The shared language of all modules: one Avro record per thing that travels, the topics it travels on, how it is
 * encoded, and the configuration. Bytes that are no record come out as {@link io.drivetrain.schemas.UndecodableRecordException},
 * a configuration that is wrong as {@link io.drivetrain.schemas.ConfigException} with every problem in it.
 */
package io.drivetrain.schemas;
