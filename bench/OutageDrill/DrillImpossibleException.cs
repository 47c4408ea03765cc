namespace OutageDrill;

/// <summary>The drill cannot be run here; the message says what is missing.</summary>
sealed class DrillImpossibleException(string message) : Exception(message);
