package io.drivetrain.infra.cli.split;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * How a drive was dealt, and how it would be today.
 *
 * @param decided by the plans in force that curation wrote down in the table when it started; the same as {@code today} where
 *     they cannot be read
 * @param written whether they could be read
 * @param today by the configuration that the command was given
 */
public record Explanation(JsonNode decided, boolean written, JsonNode today) {}
