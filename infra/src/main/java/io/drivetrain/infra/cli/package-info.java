/**
 * The command line: one class per command. Answers go to stdout, everything else to stderr; whatever goes wrong ends as
 * one sentence with exit code 1 or 2.
 */
package io.drivetrain.infra.cli;
