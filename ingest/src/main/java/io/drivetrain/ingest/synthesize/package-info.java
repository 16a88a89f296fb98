/** Synthetic drives as a source of samples, drawn on several threads; and the sheet that shows them. */
package io.drivetrain.ingest.synthesize;
