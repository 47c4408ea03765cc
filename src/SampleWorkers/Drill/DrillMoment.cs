using Messaging.Breaker;
using SampleWorkers.Payments;

namespace SampleWorkers.Drill;

/// <summary>A drill under way.</summary>
readonly record struct DrillMoment(
    TimeSpan Elapsed, int Published, int Handled, long? Ready, PaymentsMode Payments, BreakerState State);
