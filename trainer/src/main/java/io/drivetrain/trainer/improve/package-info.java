/**
 * Experiments on the training data come in as samples and their drives, with a small interface that trains on some of
 * them; what they say of labels and of more data goes out. What cannot be trained is an outcome with a reason.
 */
package io.drivetrain.trainer.improve;
