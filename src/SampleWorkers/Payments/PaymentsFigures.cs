namespace SampleWorkers.Payments;

/// <param name="Calls">All calls that arrived.</param>
/// <param name="CallsWhileDown">Calls that arrived in any mode except <see cref="PaymentsMode.Up"/>.</param>
/// <param name="Charged">Calls that were answered with OK.</param>
/// <param name="DistinctOrders">Orders charged, each counted once.</param>
sealed record PaymentsFigures(string Mode, long Calls, long CallsWhileDown, long Charged, long DistinctOrders);
