import "redarium/redarium.css";
import "redarium/define";
