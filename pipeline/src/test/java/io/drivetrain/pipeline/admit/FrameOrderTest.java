package io.drivetrain.pipeline.admit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class FrameOrderTest {
    private final FrameOrder opened = FrameOrder.opened(frame(10, 1000));

    @Test
    void framesMayArriveInAnyOrderAsLongAsTimeAgreesWithIndex() {
        assertThat(inOrder(opened, frame(12, 1200))).isTrue();
        assertThat(inOrder(opened, frame(3, 300))).isTrue();
        assertThat(inOrder(opened, frame(11, 1000)))
                .as("two frames of one moment")
                .isTrue();
        assertThat(inOrder(opened, frame(10, 1000))).as("sent again").isTrue();
    }

    @Test
    void aLaterFrameIsNotOlderAndAnEarlierOneNotYounger() {
        assertThat(inOrder(opened, frame(11, 999))).isFalse();
        assertThat(inOrder(opened, frame(9, 1001))).isFalse();
        assertThat(inOrder(opened, frame(10, 1001)))
                .as("one index at two times")
                .isFalse();
    }

    @Test
    void anIndexIsTakenOnceWhereverInTheDriveItIs() {
        FrameOrder order = entered(0, 9);
        FrameOrder.Entry second = order.enter(FrameOrder.Frame.of("other", 5, 550));
        assertThat(second.contradicted()).isEqualTo(frame(5, 500));
        assertThat(inOrder(order, FrameOrder.Frame.of("other", 5, 500)))
                .as("at the same time, too")
                .isFalse();
        assertThat(inOrder(order, frame(5, 500))).as("sent again").isTrue();
    }

    @Test
    void aFrameBetweenTwoOthersIsComparedWithBoth() {
        FrameOrder order = opened.enter(frame(12, 1200)).order();
        assertThat(inOrder(order, frame(11, 1100))).isTrue();
        assertThat(order.enter(frame(11, 1201)).contradicted()).isEqualTo(frame(12, 1200));
        assertThat(order.enter(frame(11, 999)).contradicted()).isEqualTo(frame(10, 1000));
    }

    @Test
    void aSecondNumberingOfTheDriveDoesNotTakeOver() {
        FrameOrder order = entered(0, 9);
        for (int i = 0; i <= 9; i++) {
            FrameOrder.Entry entry = order.enter(FrameOrder.Frame.of("other/" + i, i, 5000 + 100L * i));
            assertThat(entry.contradicted()).as("frame " + i).isNotNull();
            order = entry.order();
        }
        assertThat(inOrder(order, frame(10, 1000))).isTrue();
    }

    @Test
    void oneFrameWithAWrongTimeDoesNotCondemnAllThatFollow() {
        FrameOrder order = opened.enter(frame(11, 9_000_000)).order();
        FrameOrder.Entry second = order.enter(frame(12, 1200));
        assertThat(second.contradicted())
                .as("the first that contradicts the wrong one is refused")
                .isEqualTo(frame(11, 9_000_000));
        FrameOrder.Entry third = second.order().enter(frame(13, 1300));
        assertThat(third.contradicted()).as("the second agrees with the first").isNull();
        assertThat(inOrder(third.order(), frame(14, 1400))).isTrue();
    }

    @Test
    void whatIsRememberedIsBoundedAndStillRefusesWhatContradictsIt() throws IOException {
        FrameOrder order = entered(0, 10_000);
        assertThat(order.frames()).hasSize(FrameOrder.MOST);
        assertThat(inOrder(order, frame(10_001, 1_000_100))).isTrue();
        assertThat(inOrder(order, FrameOrder.Frame.of("other", 9_990, 999_000))).isFalse();
        assertThat(inOrder(order, frame(3, 1_000_000))).isFalse();
        assertThat(order.enter(frame(3, 300)).order()).isSameAs(order);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FrameOrder challenged = order.enter(frame(3, 1_000_000)).order();
        challenged.write(new DataOutputStream(out));
        assertThat(out.size()).isLessThan(600);
        assertThat(FrameOrder.read(new DataInputStream(new ByteArrayInputStream(out.toByteArray()))))
                .isEqualTo(challenged);
    }

    private static FrameOrder entered(int first, int last) {
        FrameOrder order = FrameOrder.opened(frame(first, 100L * first));
        for (int i = first + 1; i <= last; i++) {
            FrameOrder.Entry entry = order.enter(frame(i, 100L * i));
            assertThat(entry.contradicted()).isNull();
            order = entry.order();
        }
        return order;
    }

    private static boolean inOrder(FrameOrder order, FrameOrder.Frame frame) {
        return order.enter(frame).contradicted() == null;
    }

    private static FrameOrder.Frame frame(int index, long time) {
        return FrameOrder.Frame.of("drive/" + index, index, time);
    }
}
