namespace OutageDrill;

/// <summary>The drill cannot run here. The message says what is missing.</summary>
sealed class DrillImpossibleException(string message) : Exception(message);
