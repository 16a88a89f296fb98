/**
 * Large images in an object store: ingest puts them there, curation reads them back. What is missing or other than promised
 * is a value; a store that does not answer is an {@link io.drivetrain.schemas.objects.ObjectStoreException}.
 */
package io.drivetrain.schemas.objects;
