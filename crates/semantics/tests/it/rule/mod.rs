mod negotiating;
