namespace SampleWorkers.Payments;

/// <param name="Calls">Every call that arrived.</param>
/// <param name="CallsWhileDown">Those that arrived in any mode but <see cref="PaymentsMode.Up"/>.</param>
/// <param name="Charged">Those that were answered with OK.</param>
/// <param name="DistinctOrders">Orders charged, each counted once.</param>
sealed record PaymentsFigures(string Mode, long Calls, long CallsWhileDown, long Charged, long DistinctOrders);
