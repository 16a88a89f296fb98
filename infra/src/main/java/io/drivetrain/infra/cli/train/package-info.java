/**
 * What a request for a training asks for, decided before it is sent: keys that it changes, the next step of a report, or a
 * model to train again; and what earlier runs tried. A wish that cannot be granted is a sentence.
 */
package io.drivetrain.infra.cli.train;
