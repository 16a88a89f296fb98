package io.drivetrain.trainer.check.doctor;

import java.util.Arrays;

/**
 * What can be wrong with a training set-up, in the order of causes: where two are found, the first explains the second
 * rather than the other way round.
 */
public enum Ailment {
    SPLIT_EMPTY("split-empty", "Ingest more drives, or choose the classes that are in the data."),
    STEP_FAILS("step-fails", "Run this step alone on the batch named in the evidence, and mend what its message says."),
    INPUT_WRONG_SHAPE(
            "input-wrong-shape",
            "Give every sample the shape (batch, channels, height, width) that the network was built for, one row for each sample."),
    LABEL_WRONG_SHAPE(
            "label-wrong-shape",
            "Give every sample one label row as wide as the network's output; another width is broadcast silently or fails late."),
    OUTPUT_WRONG_SHAPE(
            "output-wrong-shape", "Let the last layer have one output for each class, and one row for each sample."),
    WRONG_DATA_TYPE("wrong-data-type", "Convert inputs and labels to the network's data type before the first layer."),
    MIXED_DATA_TYPES("mixed-data-types", "Build all layers with one data type."),
    NOT_FINITE_INPUT(
            "not-finite-in-inputs",
            "Look for a division by a zero deviation, a logarithm of 0 or a missing value in the preprocessing."),
    NOT_FINITE_LABEL("not-finite-in-labels", "Look for a missing label or a division by a zero count."),
    LABEL_OUT_OF_RANGE("label-out-of-range", "Curate and train with the same list of classes."),
    INPUTS_IDENTICAL(
            "inputs-identical",
            "Different samples become the same input: look for a buffer that is filled once, or an index that does not advance."),
    TELEMETRY_SENTINEL(
            "telemetry-sentinel",
            "Send nothing, or NaN, for a number that is missing, and never a value that stands for none; then ingest again."),
    BYTES_READ_AS_SIGNED("bytes-read-as-signed", "Read pixels with (value & 0xff): Java's bytes are signed."),
    INPUT_TRUNCATED(
            "input-truncated-to-integers",
            "Normalise in floating point; a cast or an integer division drops the fraction."),
    IMAGE_BORDERS_DIFFER(
            "image-borders-differ",
            "Cut, pad and resize the images of every split in the same way; a part of these may have been lost."),
    CHANNEL_ORDER_SWAPPED(
            "channel-order-swapped",
            "Use one channel order (RGB) for every split and for the recorded statistics; OpenCV decodes to BGR."),
    COLOUR_SPACE_DIFFERS(
            "colour-space-differs",
            "Feed the network with the channels that are stored (RGB), or record the statistics after the conversion, of every split."),
    INPUT_LAYOUT_SCRAMBLED(
            "input-layout-scrambled",
            "Read pixels as channels × height × width, upright, in the same way for every split."),
    INPUT_UNRELATED(
            "input-unrelated-to-image",
            "Feed the network with the image's own pixels; the input bears no trace of them."),
    INPUT_NORMALISED_TWICE(
            "input-normalised-twice", "Normalise in one place only: scale and standardise each pixel once."),
    INPUT_RANGE_0_255("input-range-0-255", "Divide pixels by 255, then subtract the mean and divide by the deviation."),
    INPUT_NOT_NORMALISED(
            "input-not-normalised", "Subtract the train split's channel mean and divide by its deviation."),
    INPUT_WRONG_STATISTICS(
            "input-wrong-statistics",
            "Normalise every split by the mean and deviation of the train split, in the same units as the pixels."),
    LABELS_NOT_ONE_HOT(
            "labels-not-one-hot",
            "Encode each label as one 1 among zeros; declare soft labels where label smoothing is meant."),
    LABELS_CONSTANT("labels-constant", "Look at the label encoding: samples of different classes get the same label."),
    CLASSES_MERGED(
            "classes-merged", "Give each class an index of its own: samples of different classes get the same label."),
    LABELS_OFF_BY_ONE(
            "labels-off-by-one", "Count classes from 0 everywhere; detection formats often count them from 1."),
    CLASS_ORDER_DIFFERS(
            "class-order-differs", "Use one list of classes in one order for every split and for the model."),
    LABELS_CONTRADICT(
            "labels-contradict",
            "Give one picture one label: look for two annotators, a merge of two data sets or a join by the wrong key."),
    LABELS_SHUFFLED(
            "labels-shuffled",
            "Permute images and labels together; look for an order or index used for one of them only."),
    SPLIT_LEAKAGE(
            "split-leakage",
            "Split by drive, deduplicate before splitting, and train again: the present errors are too low."),
    LABEL_IN_TELEMETRY(
            "label-in-telemetry",
            "Take this number off training.telemetry: the network would read the label from it and not look at the image."),
    LABEL_IN_IMAGE(
            "label-in-image",
            "Take the images from before they were annotated: the network would read the label from what is drawn into them."),
    WEIGHTS_NOT_FINITE("not-finite-in-weights", "Begin with fresh weights, or with a model whose training was finite."),
    WEIGHTS_NOT_INITIALISED(
            "weights-not-initialised",
            "Initialise weights at random (He for ReLU, Glorot for tanh); equal weights stay equal for ever."),
    SOFTMAX_TWICE("softmax-twice", "Apply softmax once: in the output layer or in the loss, not in both."),
    SIGMOID_WITH_MULTI_CLASS(
            "sigmoid-with-multi-class", "Use softmax with cross-entropy where each sample has exactly one class."),
    LOGITS_WHERE_PROBABILITIES_EXPECTED(
            "logits-where-probabilities-expected",
            "Put a softmax before this loss: it takes the logarithm of what it is given."),
    LOSS_DOES_NOT_FIT_OUTPUT(
            "loss-does-not-fit-output",
            "Use multi-class cross-entropy with a softmax output for one class per sample."),
    CLASS_WEIGHTS_INVERTED(
            "class-weights-inverted",
            "Weigh a class by the inverse of its frequency, in the order of the classes, or leave the weights away."),
    LOSS_SIGN_FLIPPED("loss-sign-flipped", "Minimise the negative log-likelihood, not its opposite."),
    ACTIVATIONS_NOT_FINITE(
            "not-finite-in-activations",
            "Look at the layer named here: exp, log, division or a square root of its input."),
    DROPOUT_ACTIVE_IN_EVALUATION(
            "dropout-active-in-evaluation", "Predict in evaluation mode: call output(false, …), not output(true, …)."),
    BATCH_NORM_BATCH_STATISTICS_IN_EVALUATION(
            "batch-norm-in-training-mode-in-evaluation",
            "Predict in evaluation mode, so that batch-norm uses its running statistics."),
    BATCH_MIXES_EXAMPLES(
            "batch-mixes-examples",
            "Look for a reshape, transpose, sum or statistic over the batch axis; an example must not depend on its neighbours."),
    PREDICTION_DIFFERS_FROM_NETWORK(
            "prediction-differs-from-network", "Return the rows and columns of the network's output as they are."),
    BATCH_NORM_INACTIVE_IN_TRAINING(
            "batch-norm-inactive-in-training",
            "Train in training mode, so that batch-norm uses the batch's statistics."),
    DEAD_UNITS(
            "dead-units",
            "Look at the bias, the initialisation and the input scale of this layer; its units never fire."),
    SATURATED_UNITS("saturated-units", "Scale inputs and initial weights down, or use ReLU."),
    ACTIVATIONS_EXPLODE(
            "activations-explode", "Use He or Glorot initialisation, and batch normalisation in deep networks."),
    ACTIVATIONS_VANISH(
            "activations-vanish", "Use He or Glorot initialisation, and batch normalisation in deep networks."),
    GRADIENTS_NOT_FINITE("not-finite-in-gradients", "Look at the backward pass of the layer named here."),
    LAYER_WITHOUT_GRADIENT(
            "layer-without-gradient", "Connect this layer to the loss; its weights cannot learn anything."),
    GRADIENTS_VANISH("vanishing-gradients", "Use ReLU, He initialisation, shortcuts or batch normalisation."),
    GRADIENTS_EXPLODE("exploding-gradients", "Scale the loss and the initial weights down, or clip gradients."),
    GRADIENT_WRONG(
            "gradient-wrong", "Check this network's layers against finite differences; a backward pass is wrong."),
    UPDATE_CLIMBS("gradient-sign-flipped", "Subtract the update from the weights: this one climbs the loss."),
    WEIGHTS_DO_NOT_MOVE(
            "weights-do-not-move",
            "Give the updater a learning rate above 0, and call it; a layer frozen on purpose belongs in the declaration."),
    FROZEN_LAYER_MOVES("frozen-layer-moves", "Freeze this layer, or take it off the list of frozen layers."),
    DROPOUT_INACTIVE_IN_TRAINING(
            "dropout-inactive-in-training", "Train in training mode: dropout is configured and never applied."),
    BATCH_NORM_STATISTICS_NOT_UPDATED(
            "batch-norm-statistics-not-updated",
            "Let training update the running mean and variance (decay below 1); evaluation uses them."),
    BATCH_NORM_STATISTICS_OF_ONE_BATCH(
            "batch-norm-statistics-of-one-batch",
            "Average the running mean and variance over batches (decay of 0.9 or more); evaluation uses them."),
    MOMENTUM_TOO_LONG(
            "momentum-too-long", "Set momentum, or Adam's beta1, to 0.9; at most 0.99 with a learning rate to match."),
    LEARNING_RATE_TOO_HIGH("learning-rate-too-high", "Lower training.learning-rate to the value in the evidence."),
    LEARNING_RATE_TOO_LOW("learning-rate-too-low", "Raise training.learning-rate to the value in the evidence."),
    REGULARISATION_TOO_STRONG(
            "regularisation-too-strong",
            "Lower weight decay and dropout; begin with none, and add them when it overfits."),
    TRAINING_STEP_WRONG(
            "training-step-wrong",
            "Look at what the training step does to labels, inputs (order, augmentation, scale) or the update, as the evidence says."),
    FAILS_ON_REFERENCE_SET(
            "fails-on-reference-set",
            "The recipe itself cannot learn an easy known task: compare its layers, loss and updater with lenet's."),
    ERROR_RISES(
            "overfit-one-batch-error-rises",
            "In this order: a flipped sign in loss or update, a learning rate that is too high."),
    ERROR_EXPLODES(
            "overfit-one-batch-explodes",
            "In this order: numerics (exp, log, division), a learning rate that is too high."),
    ERROR_OSCILLATES(
            "overfit-one-batch-oscillates",
            "In this order: lower the learning rate, look for shuffled labels, look for an augmentation that changes the class."),
    ERROR_PLATEAUS(
            "overfit-one-batch-plateaus",
            "In this order: raise the learning rate, remove regularisation, look at the input of the loss, look at the data pipeline."),
    BASELINES("baselines", "");

    private final String title;
    private final String advice;

    Ailment(String title, String advice) {
        this.title = title;
        this.advice = advice;
    }

    /** The one of that title. */
    static Ailment named(String title) {
        return Arrays.stream(values())
                .filter(ailment -> ailment.title.equals(title))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no check '%s'".formatted(title)));
    }

    /** Stable name, in lower case with hyphens. */
    public String title() {
        return title;
    }

    /** What to do, a sentence. */
    public String advice() {
        return advice;
    }
}
