/** Numbers to characters: bars, curves and progress for terminals of any width, with or without colour. */
package io.drivetrain.infra.cli.show;
