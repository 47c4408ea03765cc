using Messaging.Breaker.DeadLetters;

namespace Messaging.Breaker.Tests.DeadLetters;

public class RedriveCourseTests
{
    static readonly FaultDetails Fault = FaultDetails.Read(name => name == "MT-Fault-ExceptionType" ? "Shop.PoisonException" : null, []);

    DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Until_messages_are_handled_no_more_than_a_trial_is_moved()
    {
        var course = Course(new RedriveOrder { Reason = "test", MaxWaiting = 1_000 });
        Assert.Equal(20, course.Room(0, null, _now));
        course.Move(20, _now);
        Assert.Equal(0, course.Room(0, null, _now));
        for (var handled = 0; handled < 5; handled++)
            course.Handle();
        Assert.Equal(1_000, course.Room(0, null, _now));
    }

    [Fact]
    public void Everything_failing_again_ends_within_forty_messages_and_names_the_exception()
    {
        var course = Course(new RedriveOrder { Reason = "test", MaxWaiting = 1_000 });
        while (course.ReasonToStop() is null && course.Moved < 1_000)
        {
            if (course.Room(0, null, _now) is > 0 and var room)
                course.Move(room, _now);
            course.Fail(Fault);
        }

        Assert.InRange(course.Moved, 10, 40);
        Assert.Contains("Shop.PoisonException", course.ReasonToStop(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tolerated_share_of_messages_may_fail_again()
    {
        var course = Course(new RedriveOrder { Reason = "test" });
        for (var message = 0; message < 100; message++)
        {
            course.Move(1, _now);
            if (message % 2 == 0)
                course.Handle();
            else
                course.Fail(Fault);
            Assert.Null(course.ReasonToStop());
        }
    }

    [Fact]
    public void Without_reports_of_handled_messages_silence_counts_as_success()
    {
        var course = Course(new RedriveOrder { Reason = "test", MaxWaiting = 1_000 });
        course.Move(20, _now);
        Assert.Equal(0, course.Room(0, null, _now));
        _now += TimeSpan.FromSeconds(9);
        Assert.Equal(0, course.Room(0, null, _now));
        _now += TimeSpan.FromSeconds(2);
        Assert.Equal(20, course.Room(0, null, _now));
    }

    [Fact]
    public void The_target_never_gets_more_than_MaxWaiting_or_the_ramp_allows()
    {
        var course = Course(new RedriveOrder { Reason = "test", MaxWaiting = 15 });
        Assert.Equal(5, course.Room(10, null, _now));
        Assert.Equal(0, course.Room(17, null, _now));
        Assert.Equal(3, course.Room(0, 3, _now));
    }

    [Fact]
    public void A_rate_is_kept_and_not_made_up_for_after_a_pause()
    {
        var course = Course(new RedriveOrder { Reason = "test", Rate = 10, FailedShare = 1 });
        var moved = 0;
        for (var step = 0; step < 1_000; step++)
        {
            var room = course.Room(0, null, _now);
            course.Move(room, _now);
            moved += room;
            _now += TimeSpan.FromMilliseconds(10);
        }

        Assert.InRange(moved, 90, 115);
        _now += TimeSpan.FromHours(1);
        Assert.InRange(course.Room(0, null, _now), 0, 100);
    }

    [Fact]
    public void A_breaker_that_keeps_opening_before_a_redriven_message_is_handled_ends_the_redrive()
    {
        var course = Course(new RedriveOrder { Reason = "test" });
        course.Move(20, _now);
        string? reason = null;
        for (var generation = 1; generation < 20 && reason is null; generation++)
            reason = course.Wait(new Obstacle("breaker 'payments' is Open: ten failures", generation), _now);
        Assert.Contains("none of the 20 messages moved was handled", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_redrive_waits_for_a_breaker_that_opens_meanwhile_as_long_as_the_order_says()
    {
        var course = Course(new RedriveOrder { Reason = "test", LongestPause = TimeSpan.FromMinutes(10) });
        course.Move(20, _now);
        course.Handle();
        for (var generation = 1; generation < 40; generation++)
            Assert.Null(course.Wait(new Obstacle("breaker 'payments' is Open", generation), _now += TimeSpan.FromSeconds(10)));
        Assert.NotNull(course.Wait(new Obstacle("breaker 'payments' is Open", 41), _now += TimeSpan.FromMinutes(10)));
    }

    RedriveCourse Course(RedriveOrder order) => new(order, _now);
}
