/** What the commands know: it is read back from the topics, committed records only. */
package io.drivetrain.infra.cli.read;
