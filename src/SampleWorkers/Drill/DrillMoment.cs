using SampleWorkers.Payments;

namespace SampleWorkers.Drill;

/// <summary>The state of a running drill.</summary>
/// <param name="State">The states of the workers' breakers, each once.</param>
readonly record struct DrillMoment(
    TimeSpan Elapsed, int Published, int Handled, long? Ready, PaymentsMode Payments, string State);
